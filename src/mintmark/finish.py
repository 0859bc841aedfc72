"""placeholder"""
def in_child(folder):
    return {"measurements": [], "gates": []}
here = in_child
