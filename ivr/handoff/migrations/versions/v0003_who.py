"""Who the caller was found to be, and how they sounded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back."""
    for name in ("identity", "mood"):
        op.add_column("handoffs", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
