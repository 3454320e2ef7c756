"""The questions asked of Buffer's GraphQL interface."""

ACCOUNT = "query Account { account { organizations { id name } } }"

OVERVIEW = """query Overview($channels: ChannelsInput!) {
  channels(input: $channels) { id name service timezone isDisconnected isQueuePaused }
}"""

OVERVIEW_WITH_LIMITS = """query Overview($channels: ChannelsInput!, $limits: DailyPostingLimitsInput!) {
  channels(input: $channels) { id name service timezone isDisconnected isQueuePaused }
  dailyPostingLimits(input: $limits) { channelId sent scheduled limit }
}"""

POSTS = """query Posts($input: PostsInput!, $first: Int, $after: String) {
  posts(input: $input, first: $first, after: $after) {
    edges { node { id status via channelId channelService createdAt updatedAt dueAt sentAt text externalLink
                   error { message } metrics { type value unit } metricsUpdatedAt } }
    pageInfo { hasNextPage endCursor }
  }
}"""
