//! The form that a refusal of one request has.

use std::fmt;

use http::request::Parts;

use super::accept::prefers;
use super::refusal::{JSON, PROBLEM_JSON};
use super::style::RejectionStyle;

/// The form that a refusal of one request has, by what its client accepts and what the service configured.
pub(crate) enum Form {
    /// `application/json`.
    Json,
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// The response that the application's hook makes. Holds the head of the request, which the hook gets.
    Hooked(Box<Parts>),
}

impl Form {
    /// Returns the form for this request. The head is copied only where there is a hook.
    pub(crate) fn of(request: &Parts, style: &RejectionStyle) -> Self {
        if style.hook.is_some() {
            Self::Hooked(Box::new(request.clone()))
        } else {
            Self::unhooked(request, style)
        }
    }

    /// Returns the form of the response that is sent where there is no hook, or that the hook can begin with.
    pub(super) fn unhooked(request: &Parts, style: &RejectionStyle) -> Self {
        if style.problem_json || prefers(&request.headers, PROBLEM_JSON, JSON) {
            Self::Problem
        } else {
            Self::Json
        }
    }

    /// Returns whether a refusal in this form and style is the same as one in the default style.
    pub(crate) fn is_default(&self, style: &RejectionStyle) -> bool {
        matches!(self, Self::Json) && style.realm.is_default()
    }
}

/// Shows no part of the request, whose headers hold cookies and tokens.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "Json",
            Self::Problem => "Problem",
            Self::Hooked(_) => "Hooked(..)",
        })
    }
}
