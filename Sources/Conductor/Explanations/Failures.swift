extension Explanation {
    /// Why stages fail, by the code of the failure, in alphabetical order; a test finds every code in the sources.
    static let failures: [(code: String, meaning: String, next: String)] = [
        (
            "approval-missing", "The environment demands an approval, and the run holds none. Nothing was touched.",
            "Give the pipeline an 'approve' stage for the environment, and begin a new run."
        ),
        (
            "build-failed", "docker build ended with an error: a step of the Dockerfile failed.",
            "Read its output with 'shipit logs RUN STAGE', correct it, commit, and run again."
        ),
        (
            "cancelled", "The stage was ended because the run was, before it had its effect.",
            "'shipit status' shows what became of the run."
        ),
        (
            "candidate-failed",
            "The release did not get healthy beside the one that runs; nothing was switched, and what ran before still runs.",
            "Read the containers' last words with 'shipit logs RUN STAGE'; give it more time with 'healthy-within' if it is merely slow."
        ),
        (
            "cluster-busy",
            "The cluster was away or busy, or somebody else changed the same object at the same time. It may pass.",
            "'shipit retry RUN' tries again; 'retries' lets the stage do so by itself."
        ),
        (
            "cluster-forbidden", "The user of the kubeconfig lacks a right in the cluster.",
            "Give it the right that the message names; the chart's 'deployer' has a role for all that shipit needs."
        ),
        (
            "cluster-refused", "The cluster does not accept the login of the kubeconfig, or does not do what it is asked.",
            "Try 'kubectl --context CONTEXT get namespaces' with the same kubeconfig, and correct what that shows."
        ),
        (
            "cluster-unreachable", "The cluster's API server does not answer. It may pass.",
            "Look at the network and at 'server' in project.yml; then 'shipit retry RUN'."
        ),
        (
            "command-failed", "A command of a 'run' stage, or its check, ended with something other than 0.",
            "Read its output with 'shipit logs RUN STAGE', correct it, and retry or commit."
        ),
        (
            "context-missing", "The kubeconfig has no such context, or the commit has no such build context.",
            "Correct the kubeconfig (KUBECONFIG), 'clusters' or the service's 'context', whichever the message names."
        ),
        (
            "database-failed", "The environment's database refused the connection or a statement, or went away.",
            "Look at 'database.url' and at the server; a failure that may pass is worth 'shipit retry RUN'."
        ),
        (
            "database-pooled",
            "The database's address is a pooler's that lends sessions for one transaction only; a migration needs a whole one for its lock.",
            "Name the server itself in 'database.url', or a pool with 'pool_mode = session'."
        ),
        (
            "defect", "Something went wrong that shipit has no word for.",
            "Please report it, with the message and 'shipit --version'."
        ),
        (
            "docker-configuration", "Docker's own configuration file cannot be read, or is no JSON.",
            "Mend config.json in ~/.docker, or name another folder in DOCKER_CONFIG."
        ),
        (
            "docker-unexpected", "docker printed what shipit cannot read: likely a version that is too old or too new.",
            "Compare 'docker version' and 'docker compose version' with docs/dependencies.md."
        ),
        (
            "docker-unreachable", "No Docker engine answers. It may pass.",
            "Start the engine, or set DOCKER_HOST; then 'shipit resume RUN'."
        ),
        (
            "dockerfile-missing", "The commit has no such Dockerfile.",
            "Commit it, or correct the service's 'dockerfile'."
        ),
        (
            "export-failed", "The files of the commit could not be written out for the build or the target.",
            "Make room on the disk, or set TMPDIR to another; fetch a commit that is not here with git."
        ),
        (
            "foreign-release", "The release of that name in the cluster was not made by shipit. Nothing was touched.",
            "Take it back to a revision of shipit's as shown, or give shipit's release a name of its own."
        ),
        (
            "git-failed", "The repository could not be read.",
            "Try 'git fsck' and 'git status' in it; in CI, fetch the whole history."
        ),
        (
            "helm-unexpected", "helm or kubectl printed what shipit cannot read.",
            "Compare 'helm version' and 'kubectl version' with docs/project.md."
        ),
        (
            "image-gone", "An image of this run is not in the registry any more.",
            "See what removes images there; build it again with a new run."
        ),
        (
            "image-missing", "The registry lacks an image that would be deployed. Nothing was touched.",
            "Build it again with a new run, and keep what environments run from the registry's clean-up."
        ),
        (
            "indeterminate", "Nobody saw how the attempt ended, and looking does not tell.",
            "Look at what the message names; then 'shipit retry RUN STAGE --reason TEXT' if it had no effect, 'shipit skip RUN STAGE --reason TEXT' if it is done."
        ),
        (
            "late", "The time of the attempt was over before its next step could begin.",
            "Give the stage more time with 'timeout', and 'shipit retry RUN'."
        ),
        (
            "lease-lost",
            "Another shipit has taken over the environment, and the effect was refused at the last moment. Nothing was changed by it.",
            "See 'shipit status'; 'shipit resume RUN' goes on when the environment is free."
        ),
        (
            "ledger-failed", "The ledger did not answer. It may pass.",
            "Look at what SHIPIT_STATE names; then 'shipit resume RUN'."
        ),
        (
            "manifest-changed", "The compose file or chart of the commit is not the one that was planned.",
            "Begin a new run of the commit."
        ),
        (
            "manifest-malformed", "The compose file is not UTF-8.",
            "Save it as UTF-8, and commit."
        ),
        (
            "manifest-missing", "The commit has no such compose file, chart or file of values.",
            "Commit it, or correct the environment's 'target'."
        ),
        (
            "manifest-unreadable", "The compose file or chart cannot be read from the repository.",
            "Try 'git fsck'; in CI, fetch the whole commit."
        ),
        (
            "migration-changed", "A migration was changed after it was applied. Nothing was touched.",
            "Take the change back, and write it as a new migration."
        ),
        (
            "migration-failed", "PostgreSQL refused a migration; the message says in which line, and what is left of it.",
            "Correct the migration in a new commit."
        ),
        (
            "migration-malformed", "A migration file has not the form of dbmate's, or two have the same version.",
            "Correct it as the message says, and commit."
        ),
        (
            "migration-missing", "A migration was applied to the database, and the commit does not have it. Nothing was touched.",
            "Merge the branch that has it, or see who applied it."
        ),
        (
            "migration-out-of-order", "A pending migration is older than one that is applied already. Nothing was touched.",
            "Give it a newer version number, and commit."
        ),
        (
            "namespace-missing", "The cluster has no such namespace. Nothing was touched.",
            "Make it with the command shown, or correct 'namespace'."
        ),
        (
            "no-database", "The environment has no database to migrate.",
            "Add 'database' to it in project.yml, or remove the stage."
        ),
        (
            "overtaken", "The release that should be verified does not run any more: another one has taken its place.",
            "Deploy the commit again with a new run."
        ),
        (
            "program-missing", "A program that shipit calls is not on PATH.",
            "Install it, or correct PATH."
        ),
        (
            "push-failed", "The image could not be pushed.",
            "Look at the login ('credentials', or 'docker login') and at whether you may write there; then 'shipit retry RUN'."
        ),
        (
            "push-lost", "The image was pushed, and the registry does not have it. It may pass.",
            "Look at the registry; then 'shipit retry RUN'."
        ),
        (
            "registry-failed", "The registry refused a request, or did not answer.",
            "Look at the login and at the registry; what may pass is worth 'shipit retry RUN'."
        ),
        (
            "rejected", "A person rejected the Change; it is not asked for again.",
            "Ship the next commit."
        ),
        (
            "release-refused", "The API server would not take what the chart renders. Nothing was touched.",
            "Correct the chart or its values, and commit; 'shipit diff ENVIRONMENT --live' tries again."
        ),
        (
            "release-unknown", "The ledger has no release of that id.",
            "See 'shipit history ENVIRONMENT'."
        ),
        (
            "rollout-failed",
            "The release did not get healthy on a cluster, or cannot; the cluster was taken back where that was possible.",
            "Read what the pods said with 'shipit logs RUN STAGE', correct it, and commit."
        ),
        (
            "scratch-failed", "A private folder or file for a tool could not be written.",
            "Make room on the disk, or set TMPDIR to another."
        ),
        (
            "secret-missing",
            "A secret that is needed cannot be had: the variable is not set, the file cannot be read, or the command failed.",
            "Provide it where shipit runs, as the message says; then 'shipit retry RUN'."
        ),
        (
            "secret-refused", "A secret is shorter than 8 bytes, too short to be kept out of output.",
            "Use a longer one; write a value that is no secret into project.yml as it is."
        ),
        (
            "switch-failed",
            "The release was healthy as a candidate and is not after the switch; what ran before was switched back in.",
            "Read the containers' last words with 'shipit logs RUN STAGE'."
        ),
        (
            "tag-taken", "The commit's tag exists in the registry and holds another image; a SHA tag is never moved.",
            "Make a new commit, or delete the foreign image."
        ),
        (
            "test-failed", "The chart's own tests failed; the cluster was taken back where that was possible.",
            "Read what they printed with 'shipit logs RUN STAGE'."
        ),
        (
            "timeout", "The attempt took longer than its stage allows, and was ended.",
            "See where it hung with 'shipit logs RUN STAGE'; give it more with 'timeout'."
        ),
        (
            "unknown-environment", "The plan has no such environment.",
            "Begin a new run: the plan of this one was made by another project.yml."
        ),
        (
            "unknown-kind", "This shipit is older than the plan, and cannot perform the stage.",
            "Use the version that made the plan, or a newer one."
        ),
        (
            "unknown-service", "The plan has no such service.",
            "Begin a new run: the plan of this one was made by another project.yml."
        ),
        (
            "verification-failed", "A check did not get the answer it wanted in time; the release is bad, and still runs.",
            "'shipit rollback ENVIRONMENT' goes back to the last good one; 'shipit logs RUN STAGE' shows the answers."
        ),
        (
            "wrong-cluster",
            "The kubeconfig's context leads to another API server than project.yml names. Nothing was asked of it.",
            "Correct the kubeconfig, or 'server' if the cluster has moved."
        ),
    ]
}
