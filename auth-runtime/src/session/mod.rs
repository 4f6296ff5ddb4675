//! The session: its JSON on the wire, its lifetime, and the codec that reads it from cookies and writes it into them.

mod codec;
mod codec_builder;
mod connections;
mod document;
mod draft;
mod jwt_payload;
mod legacy;
mod lifetime;
mod merge;
mod outline;
mod reason;
mod record;
mod reserved;
mod sign_in;
mod store_id;
mod token_set;
mod token_sets;
mod user;
mod verified;

pub use self::codec::{Mode, SessionCodec, WriteError};
pub use self::codec_builder::CodecBuilder;
pub use self::document::{DocumentError, SessionDocument};
pub use self::draft::{SessionChangeError, SessionDraft};
pub use self::lifetime::{DEFAULT_ABSOLUTE, DEFAULT_INACTIVITY, Lifetime};
pub use self::reason::Reason;
pub use self::store_id::{Revision, StoreId};
pub use self::token_set::{ExpiresAt, TokenSet};
pub use self::user::{Claims, ClaimsMismatch, User};

pub(crate) use self::codec::{Due, MAX_RECORD_BYTES};
pub(crate) use self::connections::{Connections, joined as join_connections};
pub(crate) use self::draft::raw_value;
pub(crate) use self::jwt_payload::JwtPayload;
pub(crate) use self::lifetime::CLOCK_TOLERANCE;
pub(crate) use self::merge::{Versions, merged};
#[cfg(all(fuzzing, feature = "oidc"))]
pub(crate) use self::outline::quick_way_agrees;
pub(crate) use self::sign_in::{SignIn, refreshed_user};
pub(crate) use self::token_sets::keep_newest;
pub(crate) use self::verified::Origin;
pub(crate) use self::verified::VerifiedSession;
