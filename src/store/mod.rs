//! Writes files: a plan first, then all of it or nothing. The only room that writes into a project.
