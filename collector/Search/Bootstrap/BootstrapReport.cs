using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>What is in place at a server.</summary>
/// <param name="Server">The server.</param>
/// <param name="Policies">The policies that are used; none where there are none or they are not wanted.</param>
/// <param name="CollectorDeletes">True where the collector deletes indices that are over their time.</param>
/// <param name="Changed">What was put in place now.</param>
/// <param name="Notes">What a person should know, a sentence each.</param>
internal sealed record BootstrapReport(ElasticsearchServer Server, LifecycleSupport Policies, bool CollectorDeletes, IReadOnlyList<string> Changed, IReadOnlyList<string> Notes);
