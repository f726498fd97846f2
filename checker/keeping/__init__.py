"""What the workbook laid into a workspace, what is kept of the learner's, and changes that happen whole or not at all."""

from checker.keeping.backups import FILES, Backup, all_backups, backup_folder, new_backup
from checker.keeping.change import Change, Done, changing, complete_pending
from checker.keeping.content import LESSONS, Content, content_of, files_in
from checker.keeping.record import Record, read_record
from checker.keeping.standing import exists
from checker.keeping.update import Plan, carry_out, plan_init, plan_update

__all__ = [
    "FILES",
    "LESSONS",
    "Backup",
    "Change",
    "Content",
    "Done",
    "Plan",
    "Record",
    "all_backups",
    "backup_folder",
    "carry_out",
    "changing",
    "complete_pending",
    "content_of",
    "exists",
    "files_in",
    "new_backup",
    "plan_init",
    "plan_update",
    "read_record",
]
