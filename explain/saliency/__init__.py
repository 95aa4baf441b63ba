"""Where in an image a classifier finds its evidence for a class: class activation maps.

Every method takes (classifier, images, classes) and returns `SaliencyMaps`, which numpy reads as
its float32 [N, S, S] array in [0, 1]: `np.asarray(grad_cam_pp(classifier, images, classes))`.
"""

from __future__ import annotations

from explain.saliency.grad_cam_pp import grad_cam_pp
from explain.saliency.maps import SaliencyMaps
from explain.saliency.score_cam import score_cam
from explain.saliency.smooth_grad_cam_pp import smooth_grad_cam_pp

__all__ = ["SaliencyMaps", "grad_cam_pp", "score_cam", "smooth_grad_cam_pp"]
