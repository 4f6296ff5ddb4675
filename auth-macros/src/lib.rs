//! `#[with_api_auth_required]`.
