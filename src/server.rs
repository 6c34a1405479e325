//! The HTTPS server: TLS, routes, limits, probes, drain.
