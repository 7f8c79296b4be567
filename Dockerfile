# The engine, and nothing that only development needs. How it is used: docs/docker.md
ARG NODE_VERSION=20.20.2

FROM node:${NODE_VERSION}-bookworm-slim AS package
WORKDIR /source
COPY package.json package-lock.json ./
# What the build needs comes compiled, so no script of a dependency has to run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# By way of the package, so that the image has what the package has.
RUN npm run build \
  && npm pack --pack-destination /tmp \
  && mkdir /package \
  && tar -xzf /tmp/socket-el-*.tgz -C /package --strip-components=1

FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production
COPY --from=dependencies /dependencies/node_modules /opt/socket-el/node_modules
COPY --from=package /package /opt/socket-el
# util-linux's flock locks a stage; without it there is to be no image. /etc/socket-el is where compose.yaml mounts files.
RUN flock --version \
  && ln -s /opt/socket-el/bin/socket-el.js /usr/local/bin/socket-el \
  && mkdir /etc/socket-el \
  && install -d -o 1000 -g 1000 -m 0750 /var/lib/socket-el

# The image's user node. A number, because Kubernetes cannot see of a name that it is not root.
USER 1000:1000
WORKDIR /var/lib/socket-el
# Configuration and stages. A stage is what was received and is not loaded yet: give the volume a name.
VOLUME /var/lib/socket-el

# The first signal drains for --grace (30s); what stops the container must wait longer than that (stop_grace_period).
STOPSIGNAL SIGTERM

# No HEALTHCHECK: only `run --metrics` serves /healthz. compose.yaml and docs/docker.md have one.
ENTRYPOINT ["socket-el"]
CMD ["--help"]
