# One image for web, worker, beat and migrations; docker-compose.yml says which is which.
FROM python:3.12-slim

# What WeasyPrint opens by name and no wheel carries.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

# /data belongs to the portal's user before a volume is mounted there, so the volume does too.
RUN useradd --system --uid 10001 --create-home portal \
    && install --directory --owner=portal --mode=700 /data
WORKDIR /srv/portal

COPY requirements-prod.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements-prod.lock

COPY . .
# The three values are for this one command: collectstatic reads the settings, not the database.
RUN if [ -d locale ]; then pybabel --quiet compile --directory=locale --domain=django; fi \
    && DEBUG=0 SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgresql://build/build \
        python manage.py collectstatic --noinput --verbosity=0

ENV DEBUG=0 DATA_DIR=/data PYTHONUNBUFFERED=1
USER portal
EXPOSE 8000
# Threads wait for the database, processes use the cores; the threads of one process take turns at
# Python's lock, so they are few. HUP reloads without losing a request.
CMD ["gunicorn", "chang_e8_portal.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--workers=3", "--threads=4", "--timeout=60", "--graceful-timeout=30", \
     "--worker-tmp-dir=/dev/shm", "--no-control-socket"]
