"""The shape of the phantom brain: which substructure a place belongs to.

All shapes live in one standard brain, in millimetres: x from the midline to
the right, y downwards from the top, and the anterior-posterior position from
bregma, anterior positive. Every module paints its regions over one half of
one coronal plane.
"""
