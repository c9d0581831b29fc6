namespace Monitoring.Agent.Detection.Rules;

/// <summary>Who is told what rules do; called on the thread that feeds the engine, while it feeds.</summary>
internal interface IRuleListener
{
    /// <summary>A rule fired or cleared.</summary>
    void Changed(RuleChange change);
}
