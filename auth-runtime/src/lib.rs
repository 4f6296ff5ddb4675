//! Login sessions for axum API routes.
