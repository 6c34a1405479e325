//! The two webhook configurations that register the server.
