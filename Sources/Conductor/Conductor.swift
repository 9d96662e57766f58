/// The module Conductor.
