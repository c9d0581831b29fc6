namespace Monitoring.Dashboards.Generator;

/// <summary>A file below <c>dashboards/</c> that is made from code and committed as it comes out.</summary>
/// <param name="Path">Its path below <c>dashboards/</c>, with slashes.</param>
/// <param name="Text">What is in it, ending with a line feed.</param>
internal sealed record GeneratedFile(string Path, string Text);
