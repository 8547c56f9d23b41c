import azureArtifacts from './entries/azure-artifacts.json' with { type: 'json' }
import codeartifact from './entries/codeartifact.json' with { type: 'json' }
import github from './entries/github.json' with { type: 'json' }
import gitlab from './entries/gitlab.json' with { type: 'json' }
import huawei from './entries/huawei.json' with { type: 'json' }
import jsr from './entries/jsr.json' with { type: 'json' }
import npm from './entries/npm.json' with { type: 'json' }
import npmmirror from './entries/npmmirror.json' with { type: 'json' }
import tencent from './entries/tencent.json' with { type: 'json' }
import verdaccio from './entries/verdaccio.json' with { type: 'json' }
import yarn from './entries/yarn.json' with { type: 'json' }

/** What the files hold, unchecked. */
export const entries: readonly unknown[] = [
  npm, yarn, npmmirror, tencent, huawei, github, gitlab, jsr, azureArtifacts, codeartifact, verdaccio,
]
