"""E-mails as a mail program saves them."""

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from writers.source import Sample


def eml_bytes(sample: Sample) -> bytes:
    """Render an RFC 5322 message with a plain text body in UTF-8."""
    if sample.mail is None:
        raise ValueError(f"{sample.output}: front matter lacks `mail` with from, to and date")
    message = EmailMessage(policy=SMTP)
    message["From"] = sample.mail.sender
    message["To"] = sample.mail.to
    if sample.mail.cc:
        message["Cc"] = sample.mail.cc
    message["Subject"] = sample.title
    message["Date"] = format_datetime(datetime.fromisoformat(sample.mail.date))
    digest = hashlib.sha256(sample.body.encode()).hexdigest()[:16]
    message["Message-ID"] = f"<{digest}@mail.tingluan.example>"
    message.set_content(sample.body.strip() + "\n", cte="base64")
    return message.as_bytes()
