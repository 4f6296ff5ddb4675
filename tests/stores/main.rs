//! Session stores, each in front of a real server.
