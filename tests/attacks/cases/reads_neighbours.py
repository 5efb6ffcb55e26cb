"""Read and change what other students have handed in.

body: right
needs: confined
"""

done = []
for who in ("000z-honest", "004z-honest", "008z-honest"):
    path = f"@CLASS@/{who}/lstm_forward.py"
    try:
        done.append(open(path).read())
    except OSError:
        pass
    try:
        with open(path, "a") as file:
            file.write("\nsigmoid = None\n")
        done.append("wrote")
    except OSError:
        pass
if done:
    raise RuntimeError(" ".join(done))
