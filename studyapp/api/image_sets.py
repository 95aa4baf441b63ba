"""Image sets, their images and classes. They are everybody's who runs studies."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studyapp.api.view import ApiView, PagedView
from studyapp.models import ClassList, Image, ImageSet, LabelClass


class ClassListShape(serializers.ModelSerializer[ClassList]):
    class Meta:
        model = ClassList
        ref_name = "ClassList"
        fields = ["name", "n_classes", "content_hash"]
        read_only_fields = fields


class ImageSetShape(serializers.ModelSerializer[ImageSet]):
    """An image set: how many images it has, how many of them with a file and a label."""

    class_list = ClassListShape(read_only=True)
    n_images = serializers.IntegerField(read_only=True)
    n_with_file = serializers.IntegerField(read_only=True)
    n_labelled = serializers.IntegerField(read_only=True)

    class Meta:
        model = ImageSet
        ref_name = "ImageSet"
        fields = ["name", "created_at", "class_list", "n_images", "n_with_file", "n_labelled"]
        read_only_fields = fields


class ImageShape(serializers.ModelSerializer[Image]):
    """An image: `label` is the index of its annotated class."""

    label = serializers.SlugRelatedField[Any](  # type: ignore[assignment]  # a column
        slug_field="index", read_only=True, allow_null=True
    )

    class Meta:
        model = Image
        ref_name = "Image"
        fields = ["image_id", "content_hash", "width", "height", "label"]
        read_only_fields = fields


class LabelClassShape(serializers.ModelSerializer[LabelClass]):
    class Meta:
        model = LabelClass
        ref_name = "LabelClass"
        fields = ["index", "wnid", "name", "all_names", "prompt_name"]
        read_only_fields = fields


class ImageFilter(filters.FilterSet):
    image_id = filters.CharFilter(label="Id of one image.")

    class Meta:
        model = Image
        fields: list[str] = []


def counted_sets() -> QuerySet[ImageSet]:
    """Image sets with the counts of their images."""
    return ImageSet.objects.select_related("class_list").annotate(
        n_images=Count("images"),
        n_with_file=Count("images", filter=Q(images__file__isnull=False)),
        n_labelled=Count("images", filter=Q(images__label__isnull=False)),
    )


class ImageSets(PagedView):
    serializer_class = ImageSetShape
    queryset = ImageSet.objects.none()
    filter_backends = ()

    @extend_schema(
        operation_id="list_image_sets",
        summary="The image sets",
        responses=ImageSetShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """In the order they were made."""
        page = self.pages.paginate_queryset(counted_sets(), request, view=self)
        return self.pages.get_paginated_response(ImageSetShape(page, many=True).data)


class OneImageSet(ApiView):
    serializer_class = ImageSetShape
    queryset = ImageSet.objects.none()

    @extend_schema(operation_id="read_image_set", summary="An image set")
    def get(self, request: Request, name: str) -> Response:
        """Its class list and the counts of its images."""
        return Response(ImageSetShape(get_object_or_404(counted_sets(), name=name)).data)


class Images(PagedView):
    serializer_class = ImageShape
    filterset_class = ImageFilter
    queryset = Image.objects.none()

    @extend_schema(
        operation_id="list_images",
        summary="The images of a set",
        responses=ImageShape(many=True),
    )
    def get(self, request: Request, name: str) -> Response:
        """What is known of each; the files themselves are not sent."""
        image_set = get_object_or_404(ImageSet, name=name)
        images = Image.objects.filter(image_set=image_set).select_related("label")
        page = self.pages.paginate_queryset(self.filter_queryset(images), request, view=self)
        return self.pages.get_paginated_response(ImageShape(page, many=True).data)


class Classes(PagedView):
    serializer_class = LabelClassShape
    queryset = LabelClass.objects.none()
    filter_backends = ()

    @extend_schema(
        operation_id="list_classes",
        summary="The classes of a set",
        responses=LabelClassShape(many=True),
    )
    def get(self, request: Request, name: str) -> Response:
        """Each with the index that votes and predictions name it by."""
        image_set = get_object_or_404(ImageSet, name=name)
        classes = LabelClass.objects.filter(class_list=image_set.class_list_id)
        page = self.pages.paginate_queryset(classes, request, view=self)
        return self.pages.get_paginated_response(LabelClassShape(page, many=True).data)
