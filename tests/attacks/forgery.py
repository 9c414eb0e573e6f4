"""Attacks on the conversation: whoever speaks in the driver's place can say nothing that counts."""

# ruff: noqa: F821, F841

from __future__ import annotations

from tests.attacks.corpus import HONEST, Corpus, with_lines

FORGERY = Corpus()

# What every fragment begins with: the driver of its process, and frames of its own making.
TOOLS = """\
import gc, json, os, time
driver = next(each for each in gc.get_objects() if type(each).__name__ == "Driver")
channel = driver._writer.fileno()

def framed(header, blobs=()):
    text = header if isinstance(header, bytes) else json.dumps(
        {"blobs": [len(blob) for blob in blobs], **header}
    ).encode()
    return b"MFX1" + len(text).to_bytes(8, "little") + text + b"".join(blobs)

def say(data):
    view = memoryview(data)
    while view:
        view = view[os.write(channel, view):]

def answer(result, **more):
    blobs = more.pop("blobs", [])
    header = {"re": driver._nonces[-1], "result": {"t": "tuple", "v": [result]}, "inputs": {}, "printed": []}
    changes = {"n_segments": len(blobs), "changes": {"objects": {}, "blocks": []}}
    say(framed({**header, **changes, **more}, blobs))
    time.sleep(0.3)

def array(dtype, shape, strides, offset=0, segment=0):
    return {"t": "array", "v": {
        "dtype": dtype, "shape": shape, "strides": strides, "offset": offset, "segment": segment
    }}
"""


@FORGERY(flagged=True)
def no_frame():
    """Writes bytes that are no frame."""
    say(b"HTTP/1.1 200 OK\r\n\r\n" * 100)


@FORGERY(flagged=True)
def answer_before_the_question():
    """Answers in advance, with nonces of its own."""
    say(framed({"re": "0" * 32, "result": 6.0}) * 10)


@FORGERY(flagged=True)
def two_answers():
    """Answers once as it likes and once as it must."""

    def double(values):
        answer(0.0)
        return 0


@FORGERY(flagged=True)
def replayed_answer():
    """Answers later questions with the nonce of an earlier one."""
    first = list(driver._nonces)

    def double(values):
        driver._nonces[:] = first
        return 2 * values


@FORGERY(flagged=True)
def second_speaker():
    """Has a child process answer beside it."""

    def double(values):
        if os.fork() == 0:
            try:
                answer(0.0)
            finally:
                os._exit(0)
        time.sleep(0.3)
        return 0


@FORGERY(flagged=True, is_slow=True)
def half_a_frame():
    """Promises a frame and sends it a byte a second."""

    def double(values):
        whole = framed({"re": driver._nonces[-1], "result": {"t": "tuple", "v": [6.0]}})
        for byte in whole[:60]:
            say(bytes([byte]))
            time.sleep(1)


@FORGERY(flagged=True)
def frame_without_end():
    """Announces a header, and blobs, of more bytes than there are."""

    def double(values):
        say(b"MFX1" + (2**60).to_bytes(8, "little"))

    def twice(function, x):
        say(framed({"blobs": [2**60]}))


@FORGERY(flagged=True)
def deep_json():
    """Sends JSON of a million brackets."""

    def double(values):
        say(framed(b"[" * 1_000_000))


@FORGERY(flagged=True)
def wide_json():
    """Sends as many empty lists as a frame may hold."""

    def double(values):
        say(framed(b'{"blobs": [], "re": [' + b"[]," * 2_090_000 + b"[]]}"))


@FORGERY(flagged=True)
def closed_channel():
    """Closes the channel, and goes on."""
    os.close(channel)


@FORGERY(flagged=True)
def memory_beyond_the_array():
    """Describes an array that reaches beyond its bytes, backwards."""

    def double(values):
        answer(array("<f8", [1000], [-8]), blobs=[bytes(8)])


@FORGERY(flagged=True)
def memory_all_around_the_array():
    """Describes an array by a step of which NumPy's own check takes the third to be the first again."""

    def double(values):
        answer(array("<f8", [3], [-(2**63)]), blobs=[bytes(24)])


@FORGERY(flagged=True)
def objects_in_an_array():
    """Describes an array whose bytes would be addresses of objects."""

    def double(values):
        answer(array("|O", [1], [8]), blobs=[b"\x41" * 8])


@FORGERY(flagged=True)
def truth_values_of_other_bytes():
    """Sends truth values that are neither true nor false."""

    def double(values):
        answer(array("|b1", [4], [1]), blobs=[b"\x02\xff\x80\x03"])


@FORGERY(flagged=True)
def letters_that_are_none():
    """Sends text with letters that do not exist."""

    def double(values):
        answer(array("<U1", [1], [4]), blobs=[b"\xff\xff\xff\xff"])


@FORGERY(flagged=True)
def matrix_with_wild_indices():
    """Sends a sparse matrix whose indices point beyond it: compiled code would follow them."""

    def double(values):
        part = {"dtype": "<i4", "shape": [2], "strides": [4], "offset": 0, "segment": 1}
        data = {"dtype": "<f8", "shape": [2], "strides": [8], "offset": 0, "segment": 0}
        ends = {"dtype": "<i4", "shape": [3], "strides": [4], "offset": 0, "segment": 2}
        wild = np.array([10**6, -5], "<i4").tobytes(), np.array([0, 1, 2], "<i4").tobytes()
        node = {"t": "sparse", "cls": "csr_array", "v": {"shape": [2, 2], "arrays": [data, part, ends]}}
        answer(node, blobs=[bytes(16), *wild])


# Honest on the visible numbers: 3 points.
@FORGERY(max_points=HONEST + 3, flagged=True)
def argument_of_another_size():
    """Says that an argument's memory has become longer."""

    def double(values):
        if np.ndim(values) == 0:
            return {3.0: 6.0, 1.5: 3.0}[values]
        changes = {"objects": {}, "blocks": [0]}
        answer(0.0, changes=changes, blobs=[bytes(4096)], n_segments=0)


# Honest on the visible numbers: 3 points.
@FORGERY(max_points=HONEST + 3, flagged=True)
def argument_of_another_kind():
    """Says that an argument, and one that was never sent, has become a list."""

    def double(values):
        if np.ndim(values) == 0:
            return {3.0: 6.0, 1.5: 3.0}[values]
        answer(0.0, changes={"objects": {"0": {"t": "list", "v": []}, "7": 6.0}, "blocks": []})


@FORGERY(flagged=True)
def results_of_other_calls():
    """Has no result, or three, for one call: laws over all results would hold of none."""

    def double(values):
        wrong = [] if np.ndim(values) == 0 else [2 * float(values[0])] * 3
        header = {"re": driver._nonces[-1], "result": {"t": "tuple", "v": wrong}, "n_segments": 0}
        say(framed({**header, "inputs": {}, "printed": []}))
        time.sleep(0.3)

    def twice(function, x):
        empty = {"0": {"t": "dict", "v": []}, "1": {"t": "list", "v": []}}
        answer(0.0, changes={"objects": empty, "blocks": []})


@FORGERY(flagged=True)
def references_to_nothing():
    """Refers to objects that were never sent, and to the examiner's own."""

    def double(values):
        answer({"t": "given", "v": -1})

    def twice(function, x):
        answer({"t": "callback", "v": 0})


@FORGERY(flagged=True)
def functions_that_were_not_given():
    """Asks for functions of the examiner's by numbers."""

    def double(values):
        say(
            framed({"re": driver._nonces[-1], "callback": 1000, "body": {"t": "dict", "v": []}, "grad": True})
        )


@FORGERY(flagged=True)
def kinds_of_its_own():
    """Names kinds of values that would run code where they are read."""

    def double(values):
        answer({"t": "os.system", "v": "true"})


@FORGERY(flagged=True)
def outputs_out_of_order():
    """Says that its cells put out what no cell puts out."""
    say(framed({"re": driver._nonces[-1], "outputs": [{"output_type": "stream", "name": {}, "text": 3}]}))
    # Its own answer to this cell is not sent, those that follow are.
    driver._reply = lambda *a, **k: vars(driver).pop("_reply")


@FORGERY(flagged=True)
def generator_out_of_stock():
    """Answers with a random generator whose next number lies beyond its memory: compiled code goes there."""

    def shuffled(n, rng):
        far = np.random.Generator(np.random.MT19937(1)).bit_generator.state
        key = {"dtype": "<u4", "shape": [624], "strides": [4], "offset": 0, "segment": 0}
        inner = {"t": "dict", "v": ["key", {"t": "array", "v": key}, "pos", 10**8]}
        state = {"t": "dict", "v": ["bit_generator", "MT19937", "state", inner]}
        node = {"t": "generator", "v": {"t": "dict", "v": ["state", state]}}
        answer(node, blobs=[far["state"]["key"].tobytes()])


@FORGERY(flagged=True)
def argument_a_million_times():
    """Answers with a list of nothing but references to the argument, and with one that holds itself."""

    def double(values):
        answer({"t": "list", "v": [{"t": "given", "v": 0}] * 200_000})

    def twice(function, x):
        answer({"t": "given", "v": 10**9})


@FORGERY()
def number_for_an_object():
    """Answers for an object with references that it chose, whose attributes it makes up."""

    class Scale:
        factor = 3.0

        def apply(self, values):
            return [type("Any", (), {"__eq__": lambda *a: True})() for _ in values]

        def __init__(self, factor):
            pass


@FORGERY(flagged=True)
def array_of_one_byte_and_terabytes():
    """Answers with an array whose strides are 0, which is small until somebody computes with it."""

    def double(values):
        rows = array("<f8", [2**25], [0])
        answer({"t": "list", "v": [rows] * 1000}, blobs=[bytes(8)])


@FORGERY(flagged=True)
def list_of_itself():
    """Answers with lists of one another, which come to no end."""

    def double(values):
        answer({"t": "list", "v": [{"t": "same", "v": 0}] * 2})


with_lines(FORGERY, TOOLS)
