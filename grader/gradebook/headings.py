"""Which column of a class list holds what, and which lines below the headings are nobody's?

Spreadsheets and learning platforms write other headings, in other orders, and lines that are no student's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from grader.gradebook.csv_text import SEPARATORS
from grader.people import Person, spelling, words_of

# Headings of nbgrader, Canvas (Gradebook, Export) and Moodle (Participants, Download), and what people write,
# without accents and what stands between the letters; in English, German, French, Spanish and Italian.
_HEADINGS = {
    "id": (
        *("id", "studentid", "username", "sisloginid", "loginid", "login", "netid", "userid"),
        *("studentnumber", "matriculationnumber", "matrikelnummer", "matrikelnr", "benutzername"),
        *("anmeldename", "nutzername", "benutzerkennung", "kennung", "nomdutilisateur", "identifiant"),
        *("nombredeusuario", "usuario", "matricula", "nomeutente", "sid"),
    ),
    "first_name": ("firstname", "givenname", "forename", "vorname", "prenom", "nombre", "nombres", "nome"),
    "last_name": (
        *("lastname", "surname", "familyname", "nachname", "familienname", "nomdefamille", "apellidos"),
        *("apellido", "cognome"),
    ),
    # The whole name, in one cell.
    "name": ("name", "fullname", "studentname", "vollstandigername", "nomcomplet", "nombrecompleto"),
    "email": (
        *("email", "emailaddress", "mail", "emailadresse", "mailadresse", "adressedecourriel", "courriel"),
        *("adresseemail", "direcciondecorreo", "direccionemail", "correo", "correoelectronico"),
        *("direcciondecorreoelectronico", "indirizzoemail"),
    ),
    "lms_id": (
        *("lmsuserid", "lmsid", "sisuserid", "idnumber", "idnummer", "canvasid", "numerodidentification"),
        *("numerodeid", "codiceidentificativo", "orgdefinedid"),
    ),
}
# Canvas' own number stands under "ID", beside its logins if one may see them, and the whole name under
# "Student". Below the headings it has a line of what is graded how, and one of the points.
_CANVAS, _CANVAS_LOGIN = {"student", "id"}, "sisloginid"
_CANVAS_POINTS, _CANVAS_TEST_STUDENT = "points possible", "student, test"
# Blackboard names what was handed in after the username; not everybody has a student ID there.
_BLACKBOARD = {"username", "studentid", "availability"}
# D2L puts # before ids and at the end of a line, so that spreadsheets keep the zeros.
_D2L = "endoflineindicator"
# Those of GitHub Classroom's classroom_roster.csv, and of what people write.
_HEADINGS_OF_NAMES = {"identifier", "githubusername", "githubid", "alias", "aliases", "othernames", "github"}
# How exports keep a spreadsheet from taking text for a number or a formula.
_KEPT_AS_TEXT = re.compile(r'="(.*)"|\'([=+\-@0-9].*)')


class Columns:
    """The columns of a class list.

    Parameters
    ----------
    headings : list of str
        As the file has them.
    lines : sequence of list of str
        Those below.

    Attributes
    ----------
    places : dict
        The number of the column of each field that was found.
    twice : str
        The heading of a field that more than one column has; empty if there is none.
    """

    def __init__(self, headings: list[str], lines: Sequence[list[str]]) -> None:
        self._number = len(headings)
        plain = [_plain(cell) for cell in headings]
        there = set(plain)
        self._has_marks = plain[-1:] == [_D2L]
        self._is_canvas = there >= _CANVAS and (
            _CANVAS_LOGIN in there
            or any(spelling(_cell(line, plain.index("student"))) == _CANVAS_POINTS for line in lines)
        )
        names = dict(_HEADINGS)
        if self._is_canvas and _CANVAS_LOGIN in there:
            names["id"] = (_CANVAS_LOGIN,)
        elif there >= _BLACKBOARD:
            names |= {"id": ("username",), "lms_id": ("studentid",)}
        self.places = {}
        for field, known in names.items():
            if name := next((name for name in known if name in there), None):
                self.places[field] = plain.index(name)
        if self._is_canvas:
            self.places |= {"canvas": plain.index("id"), "student": plain.index("student")}
        count = Counter(plain)
        self.twice = next((headings[n] for n in self.places.values() if count[plain[n]] > 1), "")

    def used(self, line: list[str]) -> list[str]:
        """The cells of a line that are read."""
        return [_cell(line, place) for place in self.places.values()]

    def is_nobody(self, line: list[str]) -> bool:
        """Whether a line of Canvas' is no student's: how is graded, the points, the student for trials."""
        if not self._is_canvas:
            return False
        name = spelling(_cell(line, self.places["student"]))
        return name in (_CANVAS_POINTS, _CANVAS_TEST_STUDENT) or not any(self.used(line))

    def cell_of_lines(self, line: list[str]) -> str:
        """A cell with a line of the table, as after an open quotation mark, or with lines of a name."""
        for place, cell in enumerate(line):
            _, *others = re.split(r"[\r\n]+", cell)
            is_table = any(max(map(other.count, SEPARATORS)) >= self._number - 1 for other in others)
            if is_table or (others and place in self.places.values()):
                return cell
        return ""

    def person(self, line: list[str]) -> Person:
        """Whom a line is about."""
        values = {field: self._as_meant(_cell(line, place)) for field, place in self.places.items()}
        first, last = values.get("first_name", ""), values.get("last_name", "")
        if (name := values.get("student") or values.get("name", "")) and not (first or last):
            if "," in name:
                last, _, first = (part.strip() for part in name.partition(","))
            else:
                first, _, last = (part.strip() for part in name.rpartition(" "))
        number = values.get("canvas") or values.get("lms_id", "")
        return Person(values["id"], first, last, values.get("email", ""), number)

    def _as_meant(self, cell: str) -> str:
        """The text that is meant by what keeps a spreadsheet from changing it, as in ``="007"``."""
        if self._has_marks:
            return cell.removeprefix("#")
        found = _KEPT_AS_TEXT.fullmatch(cell)
        return (found[1] or found[2] or "").strip() if found else cell


def is_headings(cells: Sequence[str]) -> bool:
    """Whether a line of a file of other names is its headings."""
    known = _HEADINGS_OF_NAMES.union(*_HEADINGS.values())
    return any(_plain(cell) in known for cell in cells)


def _cell(line: list[str], place: int) -> str:
    return line[place] if place < len(line) else ""


def _plain(heading: str) -> str:
    """A heading's letters, without accents."""
    letters = unicodedata.normalize("NFD", "".join(words_of(heading.replace("_", " "))))
    return "".join(each for each in letters if unicodedata.category(each)[0] != "M")
