"""Which parts of their world are not here yet, by the fields that ask for them. Never half of one.

When a family is built, its fields move into a file of the schema and its line goes away here.
"""

import re

ARTIFACTS = "artifacts are not available on this Heartline server yet"
REGISTRIES = "registries are not available on this Heartline server yet"
LAUNCH = "launch queues and jobs are not available on this Heartline server yet"
AUTOMATIONS = "automations are not available on this Heartline server yet"
SHARING = "sharing reports by link is not available on this Heartline server yet"

_UNKNOWN = re.compile(r"^Cannot query field '(\w+)' on type '\w+'")
_FAMILIES = {
    ARTIFACTS: """
        artifact artifactType artifactTypes artifactCollection artifactCollections
        artifactCollectionMembership clientIDMapping createArtifact createArtifactManifest
        updateArtifactManifest createArtifactFiles commitArtifact completeMultipartUploadArtifact
        useArtifact linkArtifact unlinkArtifact updateArtifact deleteArtifact addAliases
        deleteAliases inputArtifacts outputArtifacts createArtifactType createArtifactSequence
        createArtifactPortfolio updateArtifactSequence updateArtifactPortfolio
        deleteArtifactSequence deleteArtifactPortfolio createArtifactCollectionTagAssignments
        deleteArtifactCollectionTagAssignments moveArtifactSequence updateArtifactSequenceType
    """,
    REGISTRIES: """
        registries registry members teamMembers artifactMemberships advancedRegistryFeatures createProjectMembers
        deleteProjectMembers createProjectTeamMember deleteProjectTeamMember updateProjectMember
        updateProjectTeamMember renameProject deleteModel createProjectMember
    """,
    LAUNCH: """
        runQueue runQueues createRunQueue upsertRunQueue deleteRunQueues pushToRunQueue
        pushToRunQueueByName popFromRunQueue ackRunQueueItem failRunQueueItem
        updateRunQueueItemWarning createLaunchAgent updateLaunchAgent launchAgent
        deleteFromRunQueue createDefaultResourceConfig defaultResourceConfig enqueueSweepRun
    """,
    AUTOMATIONS: """
        triggers createFilterTrigger updateFilterTrigger deleteTrigger integrations
        createGenericWebhookIntegration searchScope
    """,
    SHARING: "accessTokens createAccessToken updateAccessTokenProjects revokeAccessToken",
}
_OF = {field: family for family, fields in _FAMILIES.items() for field in fields.split()}


def is_artifact(error: str) -> bool:
    """Whether this refuses an artifact that was to be kept: the others only ask for some."""
    match = _UNKNOWN.match(error)
    return match is not None and match[1] == "createArtifact"


def absent_family(error: str) -> str | None:
    """What to say of a field that nobody knows, if it belongs to a family of theirs."""
    match = _UNKNOWN.match(error)
    return None if match is None else _OF.get(match[1])
