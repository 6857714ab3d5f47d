"""Downloads one file of a project from the package index, and only that.

Run by source.py with the pip that packages/tools.lock pins, on its path:

    python3 pip_fetch.py PROJECT FILE OUT

`pip download` of a source archive would run the project's own build code to
learn its metadata, and would choose a file by itself.  This asks the index
that pip is configured for, with pip's own session (certificates, proxies,
passwords), for the list of files and takes the one of that name; the caller
checks its SHA-256.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pip._internal.commands import create_command
from pip._internal.index.collector import LinkCollector, parse_links
from pip._internal.models.link import Link

BLOCK_SIZE = 1 << 20


def find_link(collector: LinkCollector, project: str, file: str) -> Link:
    """Where the index has the file."""
    urls = collector.search_scope.get_index_urls_locations(project)
    for url in urls:
        page = collector.fetch_response(Link(url))
        if page is not None:
            for link in parse_links(page):
                if link.filename == file:
                    return link
    raise SystemExit(f"the index has no {file} of {project}")


def main(arguments: list[str]) -> int:
    project, file, out = arguments
    command = create_command("download")
    options, _ = command.parse_args([project])
    with command.main_context():
        session = command.get_default_session(options)
        collector = LinkCollector.create(session, options=options)
        link = find_link(collector, project, file)
        response = session.get(link.url_without_fragment, stream=True)
        response.raise_for_status()
        with (Path(out) / file).open("wb") as stream:
            for block in response.iter_content(BLOCK_SIZE):
                stream.write(block)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
