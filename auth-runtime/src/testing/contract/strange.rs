//! Names that a store may take for others, or for more than names.

/// The ends of names that have to be told apart. None has a NUL, since not every database has texts with a NUL.
pub(super) const STRANGE: [&str; 37] = [
    "",
    "a",
    "A",
    "ab",
    "a ",
    " a",
    "a\n",
    "\ta",
    "a\u{200b}",
    "\u{e1}",
    "a\u{301}",
    "\u{1f511}",
    "\u{1f5dd}",
    "\u{df}",
    "ss",
    ":",
    "a:b",
    "::",
    "|",
    "/../a",
    "a/b",
    "%",
    "%25",
    "_",
    "*",
    "?",
    "[a-b]",
    "^a",
    "{a}",
    "\\",
    "\\a",
    "'",
    "' OR 1 = 1 --",
    "\"",
    "$1",
    "a+b&c=d;e,f",
    "<&>",
];

/// The separators with which a store may join names. A name that contains the separator can make two joined names
/// equal.
pub(super) const SEPARATORS: [&str; 8] = ["", ":", "|", "/", ",", " ", "_", "\n"];
