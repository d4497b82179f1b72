"""An original is handed out under an ending that says what it is, whatever its title ends in."""

import pytest

from app.cases.rules.endings import ending_of, named_as

PDF = "application/pdf"


@pytest.mark.parametrize(
    ("title", "media_type", "ending", "name"),
    [
        ("合同.pdf", PDF, ".pdf", "合同.pdf"),
        ("合同.PDF", PDF, ".pdf", "合同.PDF"),
        ("合同", PDF, ".pdf", "合同.pdf"),
        ("会议纪要2026.3.5", PDF, ".pdf", "会议纪要2026.3.5.pdf"),
        ("合同.exe", PDF, ".pdf", "合同.exe.pdf"),
        ("照片.jpeg", "image/jpeg", ".jpeg", "照片.jpeg"),
        ("照片.png", "image/jpeg", ".jpg", "照片.png.jpg"),
        ("网页.htm", "text/html", ".htm", "网页.htm"),
        ("来信.js", "application/msword", ".doc", "来信.js.doc"),
        ("录音.mp3", "application/x-unknown", "", "录音.mp3"),
    ],
)
def test_the_ending_is_that_of_the_kind(title: str, media_type: str, ending: str, name: str) -> None:
    assert (ending_of(title, media_type), named_as(title, media_type)) == (ending, name)
