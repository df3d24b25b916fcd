"""Recognition of text (OCR) on scanned pages of PDF files and in pictures.

Three steps, in two kinds of processes. The parser of a file says which of its pages are pictures of
text. Each of these is drawn into pixels in the sandbox of the parsers and under its limits
(`ingest.ocr.render`), since a file can attack what decodes its pictures. Another process
(`ingest.ocr.recognise`) reads the pixels: it holds the models, needs seconds a page, and gets
nothing of the file but a picture of a bounded size. Then the file is parsed again, with what was
recognised, so that text and scans of one file share columns, headings and running lines.

One process for all of it would be simpler, but its limits would have to be those of the models,
several times what a file may take, and a crafted picture would meet a decoder beside them.
"""
