// Package scheduler is EventBridge Scheduler on one machine: the API of
// schedules and schedule groups, and the runs of their targets.
//
// A run happens in the minute that its expression names, as on AWS. The service
// is started and stopped with its machine, which AWS's is not, so two rules are
// its own:
//
//   - Runs that were missed by more than ten minutes, because nothing was
//     running or the machine slept, are made up once: the last of them, at once.
//     Those that are less late are all made.
//   - A clock that is put back makes no run happen again. One that is put back by
//     more than a day had been wrong: schedules go by the new time from then on.
//
// Runs are kept in a file from the moment that they are due until the target has
// taken them over. A run that is tried again, also after a crash, keeps its id.
package scheduler
