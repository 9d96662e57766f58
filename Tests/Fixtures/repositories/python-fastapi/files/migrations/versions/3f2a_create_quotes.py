from alembic import op

revision = "3f2a"
