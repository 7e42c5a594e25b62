//! Agents, conversations and files.

pub mod resource;
