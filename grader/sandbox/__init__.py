"""The trust boundary: student code runs on the far side of a pipe.

Trusted side: `student` (what graders call), `server` (starts workers),
`channel` (deadlines), `selfattack` (what is really blocked here).
Worker side: `zygote` (forks warm workers), `confinement` (what a worker may
do), `worker` (the only code that imports a submission).
Both: `protocol` (frames). Nothing is imported here, so that the worker's
side never loads the trusted one.
"""
