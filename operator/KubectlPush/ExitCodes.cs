namespace PushPlatform.KubectlPush;

/// <summary>What a script learns without reading. Said in the help and in the README.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>It was understood and refused, or did not come about.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the kubeconfig cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>There is no such thing, or it is not for this user: a server that forbids does not say which.</summary>
    public const int NotFoundOrForbidden = 3;

    /// <summary>The API server, or the operator behind it, did not answer.</summary>
    public const int Unreachable = 4;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
