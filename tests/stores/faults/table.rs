//! The faults, and what may come of them.

use std::time::Duration;

/// One way in which a store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Killed, and nobody listens any more.
    Killed,
    /// Killed and started again before it is asked.
    Restarted,
    /// Stopped by SIGSTOP: it accepts connections and never answers.
    Paused,
    /// The network swallows everything, and for good what was sent meanwhile.
    BlackHole,
    /// The connection is closed in the place of each request's delivery.
    RequestLost,
    /// The server did the work, and the connection is closed in the place of the answer.
    ReplyLost,
    /// The answer breaks off.
    ReplyCut,
    /// The answer means nothing.
    Garbage,
    /// The answer comes too late.
    TooSlow,
    /// The answer comes late, and in time.
    Slow,
    /// The server only reads.
    ReadOnly,
    /// Writes have to wait: somebody holds a lock, or an operator moves the service to another server.
    WritesHeld,
    /// There is no memory, or no room on the disk.
    NoSpace,
    /// Privileges were taken away.
    Forbidden,
    /// The password is another one now, and the connections are closed.
    PasswordChanged,
    /// The connections are closed, and others are refused for there are too many.
    TooManyConnections,
    /// The server begins or ends, and says so.
    NotReady,
    /// The server is kept from its work by others: a script that runs on, serialization failures, deadlocks.
    Contended,
    /// Another server has taken over.
    FailedOver,
}

impl Fault {
    /// The last one leaves another server behind.
    pub(crate) const ALL: [Self; 19] = [
        Self::Killed,
        Self::Restarted,
        Self::Paused,
        Self::BlackHole,
        Self::RequestLost,
        Self::ReplyLost,
        Self::ReplyCut,
        Self::Garbage,
        Self::TooSlow,
        Self::Slow,
        Self::ReadOnly,
        Self::WritesHeld,
        Self::NoSpace,
        Self::Forbidden,
        Self::PasswordChanged,
        Self::TooManyConnections,
        Self::NotReady,
        Self::Contended,
        Self::FailedOver,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Restarted => "killed and started again",
            Self::Paused => "paused",
            Self::BlackHole => "black hole",
            Self::RequestLost => "request lost",
            Self::ReplyLost => "reply lost, work done",
            Self::ReplyCut => "reply cut off",
            Self::Garbage => "garbage for a reply",
            Self::TooSlow => "slow, and too late",
            Self::Slow => "slow, and in time",
            Self::ReadOnly => "read-only",
            Self::WritesHeld => "writes wait",
            Self::NoSpace => "out of memory or disk",
            Self::Forbidden => "privileges lost",
            Self::PasswordChanged => "password changed",
            Self::TooManyConnections => "too many connections",
            Self::NotReady => "starting or ending",
            Self::Contended => "kept busy by others",
            Self::FailedOver => "failed over",
        }
    }

    /// How long the store may take. Where it is the server that refuses, the slowness of this machine does not matter.
    pub(crate) fn patience(self) -> Duration {
        match self {
            Self::Slow
            | Self::ReadOnly
            | Self::NoSpace
            | Self::Forbidden
            | Self::Contended
            | Self::FailedOver
            | Self::Restarted => LONG,
            _ => SHORT,
        }
    }
}

/// What a request does with the store when the fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Two signed-in requests, one of them to a handler that is for everybody.
    Get,
    /// The callback of a sign-in.
    Create,
    /// A handler has changed the session.
    Update,
    /// A session is extended, since it is used.
    Touch,
    /// A sign-out.
    Delete,
    /// The provider says that a session has ended.
    LogoutToken,
}

impl Operation {
    pub(crate) const ALL: [Self; 6] =
        [Self::Get, Self::Create, Self::Update, Self::Touch, Self::Delete, Self::LogoutToken];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Create => "create",
            Self::Update => "update",
            Self::Touch => "touch",
            Self::Delete => "delete",
            Self::LogoutToken => "logout token",
        }
    }

    /// How often the store may be waited for. A sign-out reads the session, deletes it, and tells the other instances. A
    /// logout token is noted for sign-ins that are under way, and what is there is deleted in any case.
    pub(crate) fn waits(self) -> u32 {
        match self {
            Self::Delete => 3,
            Self::LogoutToken => 2,
            _ => 1,
        }
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What comes of it when all is well.
    AsUsual,
    /// 503.
    Down,
    /// The handler's answer, and the session was not extended: that is not what the handler was asked for.
    NotExtended,
    /// The session is over.
    Over,
}

impl Outcome {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::AsUsual => "as usual",
            Self::Down => "503",
            Self::NotExtended => "not extended",
            Self::Over => "over",
        }
    }
}

/// What may come of each operation.
pub(crate) type Expected = [&'static [Outcome]; 6];

use Outcome::{AsUsual, Down, NotExtended, Over};

/// Nothing is answered.
pub(crate) const OUTAGE: Expected = [&[Down], &[Down], &[Down], &[NotExtended], &[Down], &[Down]];
/// Only the machine is slow.
pub(crate) const WELL: Expected = [&[AsUsual], &[AsUsual], &[AsUsual], &[AsUsual], &[AsUsual], &[AsUsual]];
/// What is there can be read.
pub(crate) const READS: Expected = [&[AsUsual], &[Down], &[Down], &[NotExtended], &[Down], &[Down]];
/// What is there can be read, kept for longer, and removed.
/// What is removed needs no room. That a session has ended is noted beside it, which does, so the provider tries again.
pub(crate) const REMOVES: Expected = [&[AsUsual], &[Down], &[Down], &[AsUsual], &[AsUsual], &[Down]];
/// It depends on which connection is still good.
pub(crate) const EITHER: Expected = [
    &[AsUsual, Down],
    &[AsUsual, Down],
    &[AsUsual, Down],
    &[AsUsual, NotExtended],
    &[AsUsual, Down],
    &[AsUsual, Down],
];
/// The same, and the server has forgotten all sessions: it is right that nobody is signed in.
pub(crate) const EMPTY: Expected = [
    &[Over, Down],
    &[AsUsual, Down],
    &[Over, Down],
    &[Over, NotExtended],
    &[AsUsual, Down],
    &[AsUsual, Down],
];

/// Under which what never comes is tried, and under which a slow machine does not matter.
pub(crate) const SHORT: Duration = Duration::from_millis(600);
pub(crate) const LONG: Duration = Duration::from_millis(4_900);
