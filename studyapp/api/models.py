"""Vision models, and how much each has predicted."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studyapp.api.view import ApiView, PagedView
from studyapp.models import ImageSet, VisionModel
from studyapp.selectors.class_order import first_places


class ModelShape(serializers.ModelSerializer[VisionModel]):
    """A classifier under study: `source` tells how its predictions came to be."""

    class_list = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)

    class Meta:
        model = VisionModel
        ref_name = "Model"
        fields = ["id", "name", "class_list", "source", "weights_hash", "created_at"]
        read_only_fields = fields


class PredictedShape(serializers.Serializer[Any]):
    """A model's first classes on the labelled images of a set: not yet rectified by anybody."""

    set = serializers.CharField(help_text="Name of the image set.")
    n_predictions = serializers.IntegerField()
    n_labelled = serializers.IntegerField(help_text="Of these, on labelled images.")
    n_wrong = serializers.IntegerField(help_text="Of those, with another class than the label.")


class ModelDetailShape(ModelShape):
    """A model, with how it was run and what it predicted."""

    predictions = serializers.SerializerMethodField()

    class Meta(ModelShape.Meta):
        ref_name = "ModelDetail"
        fields = [*ModelShape.Meta.fields, "details", "predictions"]
        read_only_fields = fields

    @extend_schema_field(PredictedShape(many=True))
    def get_predictions(self, model: VisionModel) -> list[dict[str, object]]:
        return predicted(model)


class ModelFilter(filters.FilterSet):
    name = filters.CharFilter(label="Name of one model.")
    set = filters.CharFilter(method="on_set", label="Name of an image set it has predicted.")

    class Meta:
        model = VisionModel
        fields: list[str] = []

    def on_set(self, models: QuerySet[VisionModel], name: str, value: str) -> QuerySet[VisionModel]:
        return models.filter(predictions__image__image_set__name=value).distinct()


class Models(PagedView):
    serializer_class = ModelShape
    filterset_class = ModelFilter
    queryset = VisionModel.objects.none()

    @extend_schema(
        operation_id="list_models",
        summary="The models",
        responses=ModelShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """In the order they came. They are everybody's who runs studies."""
        models = self.filter_queryset(VisionModel.objects.select_related("class_list"))
        page = self.pages.paginate_queryset(models, request, view=self)
        return self.pages.get_paginated_response(ModelShape(page, many=True).data)


class OneModel(ApiView):
    serializer_class = ModelDetailShape
    queryset = VisionModel.objects.none()

    @extend_schema(operation_id="read_model", summary="A model and its predictions, counted")
    def get(self, request: Request, pk: int) -> Response:
        """By image set, from the table of predictions as it stands."""
        found = get_object_or_404(VisionModel.objects.select_related("class_list"), pk=pk)
        return Response(ModelDetailShape(found).data)


def predicted(model: VisionModel) -> list[dict[str, object]]:
    """The model's predictions by image set, by name of the set."""
    sets = ImageSet.objects.filter(images__predictions__vision_model=model).distinct()
    rows = []
    for image_set in sets.order_by("name"):
        places = first_places(model, image_set=image_set)
        rows.append(
            {
                "set": image_set.name,
                "n_predictions": model.predictions.filter(image__image_set=image_set).count(),
                "n_labelled": places.labelled,
                "n_wrong": places.wrong,
            }
        )
    return rows
