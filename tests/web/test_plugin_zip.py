"""The plugin for download."""

from __future__ import annotations

import io
import zipfile

from tests.web.stage import Stage


def test_everybody_gets_the_same_zip(stage: Stage) -> None:
    answer = stage.client.get("/plugin/relance.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="relance.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.testzip() is None
        assert "relance/relance.php" in packed.namelist()
    assert stage.client.get("/plugin/relance.zip").data == answer.data


def test_whoever_has_it_already_is_told_so(stage: Stage) -> None:
    tag = stage.client.get("/plugin/relance.zip").headers["ETag"]
    again = stage.client.get("/plugin/relance.zip", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = stage.client.get("/plugin/relance.zip", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_its_size_can_be_asked_for_alone(stage: Stage) -> None:
    whole = stage.client.get("/plugin/relance.zip")
    head = stage.client.head("/plugin/relance.zip")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))
    assert head.headers["ETag"] == whole.headers["ETag"]
