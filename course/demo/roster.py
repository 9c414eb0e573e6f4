"""The students of the demonstration class, and what each of them deserves."""

from __future__ import annotations

from course.demo.hand_in import Student, Submission, delete, duplicate, mistaken, solved, with_source

ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE = UNITS = (
    "01-data-loading",
    "02-explicit-als",
    "03-sgd",
    "04-pytorch-mf",
    "05-wrmf",
    "06-bpr",
    "07-warp",
    "08-ease",
    "09-evaluation",
)


def untouched(submission: Submission) -> None:
    """Hand in what was handed out."""


def otherwise(submission: Submission) -> None:
    """Solve every exercise in another right way."""
    submission.solve()
    submission.solve_otherwise()


def endless(source: str) -> str:
    """A loop without an end where the docstring ends."""
    return _before_body(source, "while True:\n        pass\n")


def noisy(source: str) -> str:
    """The same solution, which also prints to standard error."""
    return _before_body(source, 'import sys\n\n    print("got here", file=sys.stderr)\n')


def _before_body(source: str, statements: str) -> str:
    head, quotes, body = source.rpartition('"""')
    return f"{head}{quotes}\n    {statements}{body}"


def unclosed(source: str) -> str:
    """The same solution with its last bracket missing."""
    head, _, tail = source.rpartition(")")
    return head + tail


# What each student loses: grade ids of test cells, those of the mistaken exercise alone.
STUDENTS = [
    Student("perfect", "solves everything", dict.fromkeys(UNITS, solved())),
    Student("other-way", "solves everything in another right way", dict.fromkeys(UNITS, otherwise)),
    Student("untouched", "hands in what was handed out", dict.fromkeys(UNITS, untouched), loses_all=True),
    Student(
        "adds-duplicates",
        "lets SciPy add up two ratings of one film",
        {ONE: mistaken("to_csr", "added_up")},
        {ONE: {"test_to_csr", "test_to_csr_hidden"}},
    ),
    Student(
        "percentage",
        "gives the density in percent",
        {ONE: mistaken("density", "percentage")},
        {ONE: {"test_density", "test_density_hidden"}},
    ),
    Student(
        "strange-biases",
        "numbers users in order of appearance, so that they get each other's biases",
        {ONE: mistaken("encode_ids", "order_of_appearance")},
        {ONE: {"test_encode_and_lookup", "test_encode_and_lookup_hidden"}},
    ),
    Student(
        "all-films",
        "takes YᵀY over all films, so that unknown cells count as 0",
        {TWO: mistaken("update_factors", "all_items")},
        {TWO: {"test_update_factors", "test_update_factors_hidden"}},
    ),
    Student(
        "stale-users",
        "updates the items with the users of the epoch before",
        {TWO: mistaken("fit_als", "stale_users")},
        {TWO: {"test_fit_als", "test_fit_als_hidden"}},
    ),
    Student(
        "als-wr",
        "pays λ once per rating",
        {TWO: mistaken("solve_row", "als_wr")},
        {TWO: {"test_solve_row", "test_solve_row_hidden"}},
    ),
    Student(
        "views",
        "saves the old vectors as views, which are no copies",
        {THREE: mistaken("sgd_step", "saved_vectors_are_views")},
        {THREE: {"test_sgd_step", "test_sgd_step_hidden"}},
    ),
    Student(
        "last-one-wins",
        "lets the steps of a repeated user overwrite each other",
        {THREE: mistaken("minibatch_step", "last_one_wins")},
        {THREE: {"test_minibatch_step", "test_minibatch_step_hidden"}},
    ),
    Student(
        "tensorflow-layout",
        "gives PyTorch the indices as TensorFlow wants them",
        {FOUR: mistaken("sparse_ratings", "tensorflow_layout")},
        {FOUR: {"test_sparse_ratings", "test_sparse_ratings_hidden"}},
    ),
    Student(
        "last-weights",
        "keeps the last weights in place of the best",
        {FOUR: mistaken("fit", "last_weights")},
        {FOUR: {"test_fit", "test_fit_hidden"}},
    ),
    Student(
        "rated-films-only",
        "takes YᵀY over the films that the user rated, where all of them count",
        {FIVE: mistaken("update_factors", "known_items_only")},
        {FIVE: {"test_update_factors", "test_update_factors_hidden"}},
    ),
    Student(
        "one-right-answer",
        "tests a list against one right answer, where of equal scores any order is right",
        {FIVE: mistaken("is_best_list", "one_right_answer")},
        {FIVE: {"test_is_best_list", "test_is_best_list_hidden"}},
    ),
    Student(
        "first-film-spared",
        "draws negative items from 1 to n - 1",
        {SIX: mistaken("sample_negative", "never_the_first")},
        {SIX: {"test_sample_negative", "test_sample_negative_hidden"}},
    ),
    Student(
        "wrong-curve",
        "reports ln σ(-d), which falls while the loss falls",
        {SIX: mistaken("bpr_step", "ln_sigma_of_minus_d")},
        {SIX: {"test_bpr_step", "test_bpr_step_hidden"}},
    ),
    Student(
        "last-drawn",
        "takes the last item drawn for a violator, though it is none",
        {SEVEN: mistaken("find_violator", "last_drawn_returned")},
        {SEVEN: {"test_find_violator", "test_find_violator_hidden"}},
    ),
    Student(
        "logarithm",
        "takes the logarithm of the rank for the sum",
        {SEVEN: mistaken("rank_weight", "logarithm")},
        {SEVEN: {"test_rank_weight", "test_rank_weight_hidden"}},
    ),
    Student(
        "no-cap",
        "lets the factors grow past max_norm",
        {SEVEN: mistaken("warp_step", "no_cap")},
        {SEVEN: {"test_warp_step", "test_warp_step_hidden"}},
    ),
    Student(
        "rows-for-columns",
        "divides the rows by the diagonal, which no measure of lists can tell",
        {EIGHT: mistaken("ease_weights", "rows_for_columns")},
        {EIGHT: {"test_ease_weights", "test_ease_weights_hidden"}},
    ),
    Student(
        "one-leak-left",
        "finds two of the three leaks, and counts popularity on all ratings",
        {NINE: mistaken("honest_run", "popularity_alone_of_all")},
        {NINE: {"test_honest_run", "test_honest_run_hidden"}},
    ),
    Student(
        "syntax-error",
        "forgets a bracket",
        {TWO: with_source("objective", unclosed)},
        {TWO: {"test_objective", "test_objective_hidden"}},
    ),
    Student(
        "endless-loop",
        "writes a loop that never ends",
        {TWO: with_source("counts_unknown_as_zero", endless)},
        {TWO: {"test_counts_unknown_as_zero", "test_counts_unknown_as_zero_hidden"}},
    ),
    Student(
        "deleted-test",
        "deletes a test cell by accident",
        {TWO: solved(lambda submission: delete(submission, "test_solve_row_hidden"))},
    ),
    Student(
        "duplicated-cell",
        "copies and pastes an exercise and a test cell",
        {
            TWO: solved(
                lambda submission: duplicate(submission, "objective"),
                lambda submission: duplicate(submission, "test_objective"),
            )
        },
    ),
    Student("prints-stderr", "prints to standard error", {TWO: with_source("predict", noisy)}),
]
