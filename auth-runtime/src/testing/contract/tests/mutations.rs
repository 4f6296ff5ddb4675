//! The mutations of each operation, and the clauses that mutants break.

/// Operations on sessions, and the mutations of each.
pub(super) const OF_SESSIONS: &[(&str, &str)] = &[
    ("every operation", "cuts keys, folds keys"),
    ("get, create, update, touch, delete, logout, list", "fails, is done twice"),
    ("create, update, touch, delete, logout", "does nothing"),
    ("get, update, touch, delete, logout, list", "says no, says yes, revives"),
    ("get, create, update, touch, delete", "takes the first key"),
    ("create, update, touch, delete", "takes all, takes all of the user"),
    ("get, create, update, touch, list", "caps the end, cuts texts, ends never, rewrites JSON"),
    ("create, update, touch", "drops the index, indexes the text, indexes later, sets the end later"),
    ("create, update, touch", "ends never without time"),
    ("get, touch, list", "changes the revision, drops the revision"),
    ("update, touch", "creates, keeps the end, leaves the index, only prolongs, refuses the same"),
    ("update, touch", "looks first, puts back, removes first"),
    ("update, touch, delete", "leaves locks"),
    ("update", "ignores the revision, ignores the empty revision, keeps the index, keeps the revision"),
    ("update", "keeps the text, says absent"),
    ("logout, list", "folds names, joins names, mixes up names, takes wildcards, takes all for nobody"),
    ("logout, list", "ignores the provider, ignores the session, ignores the user, takes either"),
    ("logout, list", "needs a provider, needs a session, needs a user, takes a hundred, takes one"),
    ("list", "gives each twice, ignores the end, makes up keys"),
    // Each of these has a story of its own.
    ("get", "reads the revision later"),
    ("create", "ends the index of all, forgets rivals"),
    ("update", "moves the index if refused"),
    ("touch", "compares the end first, indexes first"),
    ("delete", "looks first, removes the index first"),
    ("logout", "looks first"),
];

/// Operations on values, and the mutations of each. What replaces what gives the names to the kinds of
/// `compare_and_swap`.
pub(super) const OF_VALUES: &[(&str, &str)] = &[
    ("every operation", "cuts keys, folds keys"),
    ("read, put, replace, remove, leave", "fails, is done twice, says no, says yes, takes the first key"),
    ("put, replace, remove", "does nothing, ignores what is there, looks first, takes all"),
    ("put, replace, remove", "prolongs if refused"),
    ("replace, remove", "compares folded, compares trimmed"),
    ("read, put, replace", "cuts texts, trims texts"),
    (
        "put, replace",
        "counts whole seconds, ends never, ends never without time, leaves locks, sets the end later",
    ),
    ("replace", "keeps the end, only prolongs, refuses the same, removes first"),
    ("read", "gives each once, gives empty for none, sorts"),
    // It has a story of its own.
    ("put", "looks first if it ended"),
];

/// The mutants that break no clause, and why each of them keeps the contract.
pub(super) const EQUIVALENT: &[(&str, &str)] = &[
    ("get is done twice", "reading changes nothing"),
    ("list is done twice", "reading changes nothing"),
    ("read is done twice", "reading changes nothing"),
    ("create is done twice", "the record is there afterwards, once"),
    ("touch is done twice", "the end is where the touch sets it"),
    ("leave is done twice", "there is nothing before and after"),
];

/// Each clause for sessions, and the mutants that break it before any other clause.
pub(super) const BREACHES_OF_SESSIONS: &str = "
    a key that was never used has no record, whatever the time is: get says yes
    a text comes back byte for byte: create rewrites JSON, get rewrites JSON, create ends never
    a large text comes back whole: create cuts texts, get cuts texts
    a record comes back with its end: create caps the end, get caps the end
    reading a record leaves its revision as it is: get changes the revision
    creating a record leaves the others as they are: create takes all
    keys are told apart, whatever characters they have: every operation cuts keys, every operation folds keys
    an update with the revision that was seen replaces text and end: update keeps the end, update keeps the text
    an update that changes the text changes the revision: update keeps the revision
    an update with an old revision changes nothing: update ignores the revision
    an update with a revision that the store never gave changes nothing: update ignores the empty revision
    an update of a record that never was creates none: update creates
    an update of a record that was deleted does not revive it: update revives
    a touch moves the end, to later and to earlier, and keeps the text: touch only prolongs, touch keeps the end
    a touch leaves the revision as it is: touch changes the revision
    a touch of a record that is not there creates none: touch creates, touch says yes, touch revives
    an update or a touch that changes nothing is done all the same: update refuses the same, touch refuses the same
    a record that has no time left is not kept for good: create ends never without time,\
        update ends never without time, touch ends never without time
    a record can be deleted once: delete says yes
    deleting a record leaves the others as they are: delete takes all of the user
    a logout token with a user ends all of the user's sessions and no others: logout takes one
    a logout token with a session id ends that session and no others: logout needs a user
    a logout token with both ends what has both: logout takes either, logout ignores the user
    a logout token ends no session of another provider: logout ignores the provider
    a logout token ends sessions that name no provider: logout needs a provider
    a logout token that names nobody ends nothing: logout takes all for nobody, list takes all for nobody
    the list has what the scope covers, under keys and with revisions that serve: list ignores the session,\
        list makes up keys, list drops the revision, list ignores the user, list gives each twice
    a user who has many sessions has all of them listed and ended: list takes a hundred, logout takes a hundred
    what was deleted is not listed, nor ended once more: list revives
    a record is found after a touch: touch drops the index
    a sealed record is found by what is said beside its text: create indexes the text, update indexes the text
    the list has text and end of a record as they are: list rewrites JSON, list cuts texts, list caps the end
    a record is found by what its last update says: update keeps the index
    users, sessions and providers are told apart, whatever characters their names have: list folds names,\
        logout folds names, list takes wildcards, logout takes wildcards
    names that read the same when put together are told apart: list joins names, logout joins names
    a record is there for its readers while it is updated and touched: update removes first, touch removes first
    of updates at the same time with one revision, one is done: update looks first
    of deletions at the same time, one is told that it was: delete looks first
    an update beside a deletion does not revive the record: update puts back
    a touch beside a deletion does not revive the record: touch puts back
    a logout token ends a session that is updated and touched meanwhile: logout looks first
    a touch beside an update loses nothing of it: touch looks first
    touches at the same time are all done: touch leaves locks
    who read, change and update at the same time lose nothing: get reads the revision later
    sessions that begin at the same time are all found: create forgets rivals
    a session that was given up while it began is there and found, or neither: create indexes later
    a record whose update or touch was given up is whole and can be updated: update leaves locks
    a session that was given up while it ended is there and found, or neither: delete removes the index first
    a record that has ended is not listed, nor given as one that has not: list ignores the end
    a record that was touched is there and found after its first end: touch leaves the index
    a record that was updated is there and found after its first end: update leaves the index
    a session that ends does not hide the user's others: create ends the index of all
    an update that is refused leaves the record found for as long as it is there: update moves the index if refused
    a record that was updated and touched at the same time is found for as long as it is there: touch indexes first
    a record whose writer has left ends like any other: create sets the end later, update sets the end later";

/// Each clause for values, and the mutants that break it before any other clause.
pub(super) const BREACHES_OF_VALUES: &str = "
    a key that was never written has no value: read gives empty for none
    values are read in the order of the keys, once for each: read sorts, read gives each once
    a value comes back byte for byte: put cuts texts, put trims texts, replace cuts texts, replace trims texts
    writing and removing a value leaves the others as they are: remove takes all
    keys are told apart, whatever characters they have: every operation cuts keys, every operation folds keys
    a value is put in the place of nothing only if there is none: put ignores what is there
    a value is replaced only by who knows it: replace compares folded, replace ignores what is there
    a value can be replaced by itself: replace refuses the same
    a value is removed once, and only by who knows it: remove compares folded, remove ignores what is there
    nothing is replaced by nothing only where there is nothing: leave says no, leave says yes
    of those who put a value at the same time, one does: put looks first
    of those who replace a value at the same time, one does: replace looks first
    of those who remove a value at the same time, one does: remove looks first
    a value is there for its readers and taken for others while it is replaced: replace removes first
    a value is there until its time is over: put counts whole seconds, replace counts whole seconds
    a value ends, and its key is free again: put ends never
    a replacement has a time of its own: replace keeps the end, replace ends never, replace only prolongs
    a replacement that is refused prolongs nothing: put prolongs if refused, replace prolongs if refused
    of those who come when a value has ended, one takes its place: put looks first if it ended
    a value that is given no time ends: put ends never without time, replace ends never without time
    a value whose writer has left ends like any other: put sets the end later, replace sets the end later,\
        put leaves locks, replace leaves locks";
