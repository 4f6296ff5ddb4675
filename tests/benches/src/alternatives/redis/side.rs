//! Who is compared.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::SET_COOKIE;
use http::{Method, StatusCode};

use super::super::served;
use super::{User, ours, theirs};
use crate::app::ME;
use crate::session::Sample;

/// An application whose handler answers with who is there.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Ours,
    TowerSessions {
        /// How many connections to Redis it has.
        pool: usize,
    },
}

impl Side {
    /// Ours comes first. Six connections are what the store's documentation takes; on one core, one may do better.
    pub(super) const ALL: [Self; 3] =
        [Self::Ours, Self::TowerSessions { pool: 6 }, Self::TowerSessions { pool: 1 }];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::TowerSessions { pool: 1 } => "tower-sessions-1",
            Self::TowerSessions { .. } => "tower-sessions-6",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.name() == name)
    }

    /// With its handler at [`ME`].
    pub(super) async fn router(self, redis: u16) -> Router {
        match self {
            Self::Ours => ours::router(&ours::store(redis)),
            Self::TowerSessions { pool } => theirs::router(redis, pool).await,
        }
    }

    /// Signs all of them in, and gives their `Cookie` headers. Sees that each is answered with who they are, and that nothing
    /// is written then.
    pub(super) async fn sign_in(self, redis: u16, sample: &Sample, users: &[User]) -> Vec<String> {
        let router = self.router(redis).await;
        let store = ours::store(redis);
        let mut all = Vec::with_capacity(users.len());
        for user in users {
            let pair = match self {
                Self::Ours => ours::sign_in(&store, &user.session).await,
                Self::TowerSessions { .. } => served::sign_in(&router, &user.session).await,
            };
            let cookies = served::cookies(sample, &pair);
            let request = served::request(Method::GET, ME, &cookies, Body::empty());
            let response = served::answer(&router, request).await;
            assert_eq!(response.status(), StatusCode::OK, "{}", self.name());
            assert!(!response.headers().contains_key(SET_COOKIE), "{} writes the session", self.name());
            let body = to_bytes(response.into_body(), 1_024).await.expect("a short body");
            assert_eq!(body, user.sub, "{}", self.name());
            all.push(cookies.to_str().expect("cookies are text").to_owned());
        }
        all
    }
}
