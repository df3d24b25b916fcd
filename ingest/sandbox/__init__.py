"""Parsing of foreign files in a child process with limits, so that no file can take the rest along.

What is guaranteed, by the kernel and by the process that waits: a file gets at most so many seconds
of wall time and of one core, so much memory beside what the parsers themselves take, no core dump,
no large temporary file and no more than a bounded answer. A child that goes beyond is killed with
all that it started (it has a session of its own), its file is `quarantined`, and the next file gets
a new child. Nothing of a file is written before its answer was read whole and checked. The child
gets none of the environment (and so no secret of it), nothing on its standard input, and answers in
JSON that is checked field by field; it is never unpickled.

What is refused by an audit hook of the interpreter (`ingest.sandbox.guard`): connections, other
programs, changes of files outside its temporary folder, and reading outside of that and of what
Python itself is made of. It covers everything that is done in Python, such as a library that would
follow a link in a file. It is no wall against machine code: a parser written in C that is taken
over by a crafted file can go around it. Who has to stand that runs the server in a container
without a network of its own (`deploy/`), as for any program.

Two other ways were weighed. One process for each file is simpler by the pool and its retirement,
but costs the start of an interpreter with all parsers for every file; `unshare` or seccomp would
hold against machine code too, but need a kernel that allows user namespaces, or a library of its
own, and neither is there on every machine that Zhiku is to run on.
"""
