//! The meshes of one flow: each call under way has one to itself, as every message has a replica of
//! its actor on a cluster. Workers stay for the next call, with what their modules have loaded.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::kustomize::Object;
use crate::local::{Interpreter, LocalSettings, Mesh};
use crate::names::FlowName;

use super::ServeSettings;

/// Meshes that are kept without work.
const IDLE_MAX: usize = 8;

/// Who does the work of a flow.
pub(super) struct Pool {
    flow: FlowName,
    objects: Vec<Object>,
    notes: Mutex<Vec<String>>,
    settings: Arc<ServeSettings>,
    interpreter: Arc<Interpreter>,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    meshes: Vec<Mesh>,
    /// The code that their workers have loaded.
    code: u64,
}

/// A mesh on loan, and the code it was made with.
pub(super) struct Loan {
    pub(super) mesh: Mesh,
    code: u64,
}

impl Pool {
    /// The pool of a flow that was rendered to `objects`. Fails when they make no mesh.
    pub(super) fn new(flow: &FlowName, objects: Vec<Object>, settings: &Arc<ServeSettings>) -> Result<Self> {
        let interpreter = Arc::new(Interpreter::new(LocalSettings {
            python: settings.python.clone(),
            python_path: (settings.python_path)(flow)?,
            working_directory: settings.root.clone(),
        }));
        let first = Mesh::new(&objects, &interpreter, &*settings.variable)?;
        Ok(Self {
            flow: flow.clone(),
            notes: Mutex::new(first.notes().to_vec()),
            objects,
            settings: Arc::clone(settings),
            interpreter,
            idle: Mutex::default(),
        })
    }

    /// What is different from a cluster, once.
    pub(super) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A mesh whose workers have loaded the code as it is now, or none yet.
    pub(super) fn take(&self) -> Result<Loan> {
        let code = (self.settings.code)(&self.flow);
        let stale;
        let kept = {
            let mut idle = self.lock();
            stale = if idle.code == code { Vec::new() } else { std::mem::take(&mut idle.meshes) };
            idle.code = code;
            idle.meshes.pop()
        };
        // Ending workers takes a while; nobody waits at the lock for it.
        drop(stale);
        let mesh = match kept {
            Some(mesh) => mesh,
            None => Mesh::new(&self.objects, &self.interpreter, &*self.settings.variable)?,
        };
        Ok(Loan { mesh, code })
    }

    /// Takes a mesh back that has done its work.
    pub(super) fn give_back(&self, loan: Loan) {
        let mut idle = self.lock();
        if idle.code == loan.code && idle.meshes.len() < IDLE_MAX {
            idle.meshes.push(loan.mesh);
        }
        // Dropped after the lock, where it is not kept.
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
