"""The mail that brings a document which could not be faxed. Pure."""

from .letters import Attachment, Document, Letter


def instead_of_fax(document: Document) -> Letter:
    title = document.title
    if document.language.startswith("zh"):
        subject = f"您索取的文件：{title}"
        text = (
            f"您好！\n\n您索取的文件“{title}”未能传真到 {document.number}，现通过邮件发送给您，"
            "请见附件。\n"
        )
    else:
        subject = f"The document that you asked for: {title}"
        text = (
            f'We could not fax the document "{title}" to {document.number}.\n\n'
            "It is attached to this mail instead.\n"
        )
    return Letter(
        subject=subject,
        text=text,
        attachments=(Attachment(f"{title}.pdf", document=document),),
        automatic=True,
    )
