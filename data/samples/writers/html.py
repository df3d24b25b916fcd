"""HTML pages."""

from html import escape

from markdown_it import MarkdownIt

from writers.source import AUTHOR, Sample

LINKS = {
    "zh": ("产品", "服务与支持", "联系我们"),
    "en": ("Products", "Service and support", "Contact"),
}
STYLE = """
body { font-family: sans-serif; max-width: 60em; margin: auto }
table { border-collapse: collapse }
td, th { border: 1px solid #888; padding: 0.3em }
"""


def html_bytes(sample: Sample) -> bytes:
    """Render a page as a web site would, with navigation and footer around the text."""
    links = enumerate(LINKS[sample.language], start=1)
    navigation = "".join(f'<li><a href="/{number}">{link}</a></li>' for number, link in links)
    main = MarkdownIt("commonmark").enable("table").render(sample.body)
    page = f"""<!DOCTYPE html>
<html lang="{sample.language}">
<head>
<meta charset="utf-8">
<title>{escape(sample.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<nav><ul>{navigation}</ul></nav>
<main>
{main}</main>
<footer>{escape(AUTHOR)} · {escape(sample.subject)}</footer>
</body>
</html>
"""
    return page.encode()
