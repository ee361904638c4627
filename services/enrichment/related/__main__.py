import sys

from services.enrichment.related.main import main

sys.exit(main())
