"""Many robots at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from marketplace.robots.robot import Robot, RobotResult


def run_crowd(
    robots: Sequence[Robot],
    *,
    at_once: int | None = None,
    on_done: Callable[[RobotResult], None] | None = None,
) -> list[RobotResult]:
    """Run every robot, all at once unless told otherwise; results in the robots' order.

    `on_done` is called with each result as it comes, in the calling thread.
    """
    if not robots:
        return []
    with ThreadPoolExecutor(max_workers=at_once or len(robots)) as pool:
        running = {pool.submit(robot.run): index for index, robot in enumerate(robots)}
        results: dict[int, RobotResult] = {}
        for future in as_completed(running):
            result = results[running[future]] = future.result()
            if on_done is not None:
                on_done(result)
    return [results[index] for index in range(len(robots))]
