"""The telephone that rings for an operator."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("accounts", sa.Column("phone", sa.Text(), nullable=False, server_default=sa.text("''")))
