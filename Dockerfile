# The package as npm would publish it, on a plain Node.
FROM node:26-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm pack

FROM node:26-slim
COPY --from=build /build/dagloupe-*.tgz /tmp/dagloupe.tgz
RUN npm install --global /tmp/dagloupe.tgz && rm -rf /tmp/dagloupe.tgz ~/.npm
# Less memory, at next to no cost in time.
ENV NODE_OPTIONS=--max-semi-space-size=8
USER node
EXPOSE 4000
ENTRYPOINT ["dagloupe"]
CMD ["--help"]
